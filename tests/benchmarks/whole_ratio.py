"""What the whole way costs, from a portal's pages to parsed versions in the database, against a bare spider.

``python -m tests.benchmarks.whole_ratio [--pages 1000] [--rounds 3]`` prints JSON: the seconds of each round,
their ratio, and the peak memory. The bare Scrapy spider only downloads the same pages; both take turns in one run.
The ingest goes on beside the crawl, as in the main job, so the memory of the monitoring process is told beside
that of the crawling one, and what it already took when the organs were registered and no page was fetched.

This module imports nothing heavy: every process of the fork server loads the main module again.
"""

import argparse
import json


def main() -> None:
    """Command line of the measurement."""
    from tests.benchmarks.whole_way import whole_ratio

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(json.dumps(whole_ratio(arguments.pages, arguments.rounds)))


if __name__ == "__main__":
    main()
