"""The API answers as it describes itself, whatever it is asked: schemathesis, always with the same questions."""

from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis import checks as general
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as described

from tests.monitor.api.office import Office
from tests.monitor.record.making import COUNTY, TOWN

CHECKS = [
    general.not_a_server_error,
    described.status_code_conformance,
    described.content_type_conformance,
    described.response_headers_conformance,
    described.response_schema_conformance,
    described.negative_data_rejection,
    described.unsupported_method,
]
EXAMPLES = {GenerationMode.POSITIVE: 6, GenerationMode.NEGATIVE: 5}
"""How many questions for each operation."""
UNLIMITED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


@pytest.mark.parametrize("mode", EXAMPLES, ids=lambda mode: mode.value)
def test_no_answer_fails_or_is_undocumented(office: Office, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_url(f"{office.address}/api/v1/openapi.json")
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {office.everything}"
        heard = {
            operation.label: ask(office, operation, mode, session)
            for operation in (found.ok() for found in schema.get_all_operations() if isinstance(found, Ok))
            # Nothing can be asked wrongly of what has no parameters.
            if mode is GenerationMode.POSITIVE or any(operation.iter_parameters())
        }
    assert len(heard) >= 16
    wanted = 200 if mode is GenerationMode.POSITIVE else 422
    assert {label: statuses for label, statuses in heard.items() if wanted not in statuses} == {}


def ask(
    office: Office, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, session: requests.Session
) -> set[int]:
    """The statuses of the answers to some questions, always the same ones; fails where one is not as described."""
    heard: set[int] = set()

    @settings(
        max_examples=EXAMPLES[mode],
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=UNLIMITED,
    )
    @given(case=operation.as_strategy(mode, path_parameters=known(office, operation.path, mode)))
    def asking(case: Case[Any]) -> None:
        heard.add(case.call_and_validate(session=session, checks=CHECKS).status_code)

    asking()
    return heard


def known(office: Office, path: str, mode: GenerationMode) -> dict[str, Any] | None:
    """Things that are there: made-up ones would be answered by 404 alone."""
    if mode is GenerationMode.NEGATIVE or "{" not in path:
        return None
    if "{code}" in path:
        return {"code": COUNTY if path.startswith("/counties") else TOWN.code}
    kind = path.split("/")[1]
    return {"number": office.json(f"/{kind}")["items"][0]["id"]}
