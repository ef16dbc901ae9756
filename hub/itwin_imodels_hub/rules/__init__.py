"""The rules of the service as functions of plain values, without storage or HTTP."""
