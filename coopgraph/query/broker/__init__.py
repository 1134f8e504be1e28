"""The query broker and its workers: strangers' SPARQL in processes that may die.

In: jobs from web processes over a Unix socket. Out: whole answers, or a reply that says which
limit was reached. ``process`` starts the broker beside the web processes, ``__main__`` is what
runs in it.
"""
