"""Blobs in an Azure Blob Storage account or its emulator."""
