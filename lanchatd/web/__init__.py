"""The face towards the person: a page, a WebSocket and a few answers, on the loopback interface only."""
