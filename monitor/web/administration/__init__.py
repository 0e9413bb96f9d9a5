"""The pages of administrators, one module for each matter."""

from monitor.web.administration import audit_log, front, tokens, users

ROUTES = [*front.ROUTES, *users.ROUTES, *tokens.ROUTES, *audit_log.ROUTES]
