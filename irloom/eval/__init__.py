"""Measures, intervals and reports, own and exact: equal to trec_eval's to 1e-6."""
