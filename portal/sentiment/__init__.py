"""Sentiment of one comment: text in, honest estimate out (see analyzer.analyze).

It must never know Flask, the database or anything else of portal, and this file imports
nothing: `textblob` is slow to load and only the worker and the command line need it
(they import `portal.sentiment.analyzer` themselves).
"""
