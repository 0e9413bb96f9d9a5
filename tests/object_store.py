"""An S3-compatible store on loopback for tests: moto's server, which speaks the protocol of S3."""

from __future__ import annotations

import logging
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

from crawler.captures import Place, StoreAddress

KEY, SECRET = "key-of-the-tests", "secret-of-the-tests"


class ObjectServer:
    """The server; what it holds stays when it is stopped and started again, at the same port."""

    def __init__(self, folder: Path) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.key_file = folder / "store-key"
        self.key_file.write_text(f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
        self._port = 0
        self.start()
        self.client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )

    @property
    def endpoint(self) -> str:
        """The address of the service."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Answers again."""
        self._server = ThreadedMotoServer("127.0.0.1", self._port, verbose=False)
        self._server.start()
        self._port = self._server.get_host_and_port()[1]

    def stop(self) -> None:
        """Refuses every connection."""
        self._server.stop()

    def place(self, folder: Path, bucket: str) -> Place:
        """A new bucket for an archive in this folder."""
        self.client.create_bucket(Bucket=bucket)
        return Place(folder, self.address(bucket))

    def address(self, bucket: str) -> StoreAddress:
        """The address of the captures in a bucket."""
        return StoreAddress(f"s3://{bucket}/captures", self.endpoint, self.key_file)

    def names(self, bucket: str) -> list[str]:
        """The names of all objects in a bucket."""
        return [one["Key"] for one in self.client.list_objects_v2(Bucket=bucket).get("Contents", [])]
