"""Pages that a script builds, shown in a browser that has no network: all it asks for is fetched by the crawl."""
