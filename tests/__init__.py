"""Tests of ingestd: unit, integration against real servers, scenarios, and the corpus they share."""
