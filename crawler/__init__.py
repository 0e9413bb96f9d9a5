"""The Scrapy project: visits portals and keeps what it fetched. Imports parsers, never monitor."""
