"""The storage protocols that the hub serves for blobs in its data folder."""
