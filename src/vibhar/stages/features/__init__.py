"""Stages that compute CNN features and write them to one store."""
