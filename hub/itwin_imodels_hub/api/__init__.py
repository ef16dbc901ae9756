"""The iModels API over HTTP."""
