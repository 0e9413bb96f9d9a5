"""The record and the judgement: organs, obligations, versions, findings, alerts, and telling of them."""

__version__ = "0.1.0"
