"""The rules of the service as functions of plain values: no storage, no HTTP."""
