"""Portals on this machine, for the demo and the tests: invented counties, and the seeds where they exist."""

from crawler.sandbox.generator import GeneratedReport, ReportTruth, SandboxOrgan, generate
from crawler.sandbox.sandbox import Sandbox, SandboxPortal, organs_as_csv

__all__ = [
    "GeneratedReport",
    "ReportTruth",
    "Sandbox",
    "SandboxOrgan",
    "SandboxPortal",
    "generate",
    "organs_as_csv",
]
