"""Which CSS survives."""

import pytest

from mailbox.mime.styles import clean_declarations, clean_sheet


@pytest.mark.parametrize(
    ("css", "cleaned"),
    [
        ("color: red; FONT-SIZE : 12px", "color:red;font-size:12px"),
        ("color:#FFF !important", "color:#FFF !important"),
        ("width:calc(100% - 10px)", "width:calc(100% - 10px)"),
        ("background:linear-gradient(to right, #fff, rgba(0,0,0,.5))",) * 2,
        ("background:#fff url(x.png) no-repeat;color:red", "background:#fff none no-repeat;color:red"),
        ("content:url(x.png);cursor:url(x);color:red", "color:red"),
        ("position:absolute;top:0;color:red", "color:red"),
        ("font-family:\"Segoe UI\", 'ＭＳ Ｐゴシック'", "font-family:\"Segoe UI\", 'ＭＳ Ｐゴシック'"),
        ("margin:0 auto;;;", "margin:0 auto"),
        ("color:red;}p{color:blue", "color:red"),
        ("color:attr(title)", ""),
        ("width:-1.5em", "width:-1.5em"),
        ("mso-line-height-rule:exactly", "mso-line-height-rule:exactly"),
        ("", ""),
    ],
)
def test_declarations(css, cleaned):
    assert clean_declarations(css) == cleaned


@pytest.mark.parametrize(
    ("css", "cleaned"),
    [
        ("p, .a > td:hover {color:red}", "p,.m-a > td:hover{color:red}"),
        ("html, body {margin:0}", ".m-body,.m-body{margin:0}"),
        ("a[href]{color:red} b{color:red}", "b{color:red}"),
        ("a::after{color:red}", "a::after{color:red}"),
        ("li:nth-child(2n + 1){color:red}", "li:nth-child(2n + 1){color:red}"),
        ("p:not(.x){color:red}", "p:not(.m-x){color:red}"),
        ("p:has(a){color:red}", ""),
        ("@media print{p{color:red}}", "@media print{p{color:red}}"),
        ("@media print{@media (min-width:1px){p{color:red}}}",) * 2,
        ("@font-face{font-family:x;src:url(y)} @keyframes k{from{color:red}}", ""),
        ("p{position:fixed}", ""),
        ("p{", ""),
        ("}}}p{color:red}", ""),
    ],
)
def test_sheets(css, cleaned):
    assert clean_sheet(css) == cleaned


def test_a_sheet_does_not_outgrow_its_limit():
    assert len(clean_sheet("p{color:red}" * 1_000, limit=100)) <= 100
