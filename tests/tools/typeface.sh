#!/bin/sh
# Makes portal/static/fonts/inter.woff2: Inter's two axes, cut to what our pages write.
# Needs npm, and fonttools and brotli of pip in the environment whose bin is given: typeface.sh .fonts/bin
# Afterwards put the new `v` into pages.css (tests/web/test_static.py says which).
set -eu
export SOURCE_DATE_EPOCH=1767225600  # so that it makes the same bytes again
bin=$(realpath "$1")
target=$(realpath "$(dirname "$0")/../../portal/static/fonts")
cd "$(mktemp -d)"
npm pack --silent inter-ui@4.1.1 > /dev/null
tar xzf inter-ui-4.1.1.tgz
cp package/LICENSE.txt "$target/inter-OFL.txt"
"$bin/fonttools" varLib.instancer -q package/variable/InterVariable.woff2 wght=400:700 -o inter.ttf
# Latin and Latin Extended-A, Romanian, combining marks; spaces and isolates; punctuation; signs that stand alone.
"$bin/pyftsubset" inter.ttf --flavor=woff2 --output-file="$target/inter.woff2" \
  --layout-features=kern,ccmp,locl,mark,tnum --no-hinting --desubroutinize --unicodes="\
U+20-7E,U+A0-17F,U+218-21B,U+2C6,U+2C7,U+300-302,U+307,U+308,U+327,\
U+2007-200B,U+202F,U+2068,U+2069,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+2030,U+2032,U+2033,\
U+2039,U+203A,U+2044,U+20AC,U+2116,U+2122,U+2190-2193,U+2197,U+21A9,U+2212,U+2215,U+2248,U+2260,U+2264,U+2265,\
U+2298,U+25A2,U+25B2,U+25C6,U+25CB,U+25CF,U+2605,U+2606,U+2690,U+26A0,U+2713"
ls -l "$target"
