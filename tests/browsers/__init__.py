"""The distribution's Firefox and WebKit, which Playwright can not drive, driven over their own protocols.

`firefox` and `webkit` start a browser on any `host` and hand out pages. A `page` has the part of Playwright's words
that the tests use (locators by role and name, actions that wait, `expect`), so that one test runs in all three engines.
"""
