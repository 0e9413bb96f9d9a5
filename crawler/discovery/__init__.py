"""From a site's address to a portal definition: look around, tell the software, try, propose.

Every page is fetched as a crawl fetches it (crawler.runner): the same gate, robots.txt, pauses and outcomes.
Nothing is taken for a column that a trial pass did not read.
"""
