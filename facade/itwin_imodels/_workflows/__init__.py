"""Pure rules of the workflows; the workflows themselves are in `_aio/workflows`."""
