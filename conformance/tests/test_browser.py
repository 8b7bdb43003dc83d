"""The browser refuses pages that are spoilt in one way each."""

import tempfile
import unittest
from pathlib import Path

from judges import browser
from suite import cache

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>a page</title></head>
<body><main><h1 id="top">A page</h1><p>Text. <a href="#top">up</a></p></main></body></html>
"""
SPOILT = {
    "console": ("</body>", "<script>console.log('x')</script></body>"),
    "asks for": ("</body>", '<img alt="" src="elsewhere.png"></body>'),
    "link to nothing": ("#top", "#nowhere"),
    "360 px": ("Text.", '<span style="display:inline-block;width:500px">Text.</span>'),
    "axe": (' lang="en"', ""),
    "cut off": ("Text.", '</p><table style="width:1100px"><caption>Wide</caption><tr><th scope="col">a</th></tr></table><p>'),
}


class Browser(unittest.TestCase):
    def test_spoilt_pages(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "page.html"
            try:
                path.write_text(PAGE)
                self.assertEqual(browser.look(path), [])
            except cache.Unavailable as why:
                self.skipTest(str(why))
            for fault, (old, new) in SPOILT.items():
                self.assertIn(old, PAGE)
                path.write_text(PAGE.replace(old, new, 1))
                self.assertTrue(any(fault in found for found in browser.look(path)), fault)


if __name__ == "__main__":
    unittest.main()
