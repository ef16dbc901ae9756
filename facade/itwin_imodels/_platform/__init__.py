"""Calls to other APIs of the iTwin Platform, written by hand: the definition in `spec/` covers only the iModels API."""
