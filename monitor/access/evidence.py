"""The evidence bundle of an alert, for those who may see the alert."""

from __future__ import annotations

from io import BytesIO

from monitor.access import alerts
from monitor.access.base import Access, NotFound
from monitor.archives import archive_of
from monitor.present import present_at


def bundle(access: Access, alert_id: int, *, pictures: bool = True) -> bytes:
    """The zip file of an alert as the record is now. Raises NotFound, Busy, StoreError, ArchiveError.

    It holds whole documents in memory and may start a browser: without pictures it takes a place all the same.
    """
    from monitor.evidence.bundle import write_bundle

    with access.reading() as session:
        if alert_id not in alerts.visible(session, access, [alert_id]):
            raise NotFound(alert_id)
    out = BytesIO()
    with access.record.browsers.taken():
        write_bundle(
            out,
            access.database,
            archive_of(access.settings),
            access.record.portals(),
            access.settings,
            alert_id,
            present_at(access.database, access.now),
            pictures=pictures,
        )
    return out.getvalue()
