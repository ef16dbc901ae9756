"""Blobs in an account of Azure Blob Storage, or in its emulator."""
