"""The figures by which operators watch Nianbao from outside, in the format of Prometheus (docs/operations.md).

Kinds, outcomes, stages and numbers only: no name of an organ, no address, no secret ever stands in them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from crawler.records import Outcome
from monitor.alerts.conditions import AlertKind
from monitor.alerts.states import AlertState
from monitor.store import measures, stages
from monitor.store.database import Database, StoreError
from monitor.store.deliveries import DeliveryState
from monitor.store.measures import Counts
from monitor.watchdog import STAGES

UNSETTLED = (AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.MUTED)
"""The states of an alert that is not over."""
GOING_ON = "going_on"
"""Stands in the place of an outcome for runs that have none yet."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # every counter would have a second name with the time at which it was made.
_process = CollectorRegistry()
ProcessCollector(registry=_process)
REQUEST_SECONDS = Histogram(
    "nianbao_http_request_duration_seconds",
    "Time from a request to the end of its answer, by the page's pattern and the answer's class.",
    ("method", "page", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10),
    registry=_process,
)


@dataclass(frozen=True, slots=True, eq=False)
class Figures(Collector):
    """The figures of the record at ``now``, for a registry of Prometheus."""

    counts: Counts
    successes: Mapping[str, datetime]
    now: datetime

    def collect(self) -> Iterator[Metric]:
        """Every name with every label it may have, so that a zero is a zero and not a gap."""
        runs = CounterMetricFamily("nianbao_runs", "Crawl runs in the record, by outcome.", labels=["outcome"])
        for outcome in Outcome:
            runs.add_metric([outcome.value], self.counts.runs.get(outcome.value, 0))
        runs.add_metric([GOING_ON], self.counts.runs.get(None, 0))
        yield runs
        ages = GaugeMetricFamily(
            "nianbao_stage_success_age_seconds",
            "Seconds since a stage of the main job last ended well; +Inf where it never did.",
            labels=["stage"],
        )
        for stage in STAGES:
            last = self.successes.get(stage)
            ages.add_metric([stage], (self.now - last).total_seconds() if last else math.inf)
        yield ages
        alerts = GaugeMetricFamily(
            "nianbao_alerts", "Alerts that are not resolved, by kind and state.", labels=["kind", "state"]
        )
        for kind in AlertKind:
            for state in UNSETTLED:
                alerts.add_metric([kind.value, state.value], self.counts.alerts.get((kind.value, state.value), 0))
        yield alerts
        deliveries = GaugeMetricFamily(
            "nianbao_deliveries", "Messages that wait for delivery or were given up.", labels=["state"]
        )
        for waiting in (DeliveryState.PENDING, DeliveryState.GIVEN_UP):
            deliveries.add_metric([waiting.value], self.counts.deliveries.get(waiting.value, 0))
        yield deliveries
        yield GaugeMetricFamily("nianbao_reports", "Reports in the record.", value=self.counts.reports)
        yield GaugeMetricFamily(
            "nianbao_report_versions", "Versions of reports in the record.", value=self.counts.versions
        )


def exposition(database: Database, now: datetime) -> bytes:
    """The figures as Prometheus reads them; where there is no record to read, those of the process alone."""
    try:
        with database.reading() as session:
            figures = Figures(measures.counts(session), stages.successes(session), now)
    except StoreError:
        return generate_latest(_process)  # /readyz says what is wrong
    registry = CollectorRegistry()
    registry.register(figures)
    return generate_latest(registry) + generate_latest(_process)
