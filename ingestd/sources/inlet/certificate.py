"""The inlet's certificate, read again when its files have changed: a renewed one needs no restart."""

from __future__ import annotations

import ssl
from pathlib import Path

from ingestd.config.load import ConfigurationError


class Certificate:
    """A server's certificate with its key, and the TLS that shows it."""

    def __init__(self, certificate: Path, key: Path | None) -> None:
        """Read both; raises ConfigurationError where they are no pair that can be used."""
        self._files = (certificate, key or certificate)
        self._read_at: tuple[int, ...] = ()
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)  # TLS 1.2 at least, no client certificates
        self.context()

    def context(self) -> ssl.SSLContext:
        """The context for the next connection. Raises ConfigurationError; the certificate before counts meanwhile."""
        certificate, key = self._files
        try:
            changed_at = tuple(file.stat().st_mtime_ns for file in self._files)
            if changed_at != self._read_at:
                self._context.load_cert_chain(certificate, key)
                self._read_at = changed_at
        except ssl.SSLError as error:
            why = "the key is not this certificate's" if "MISMATCH" in str(error.reason) else "no certificate in PEM"
            raise ConfigurationError(f"inlet.certificate {certificate} with inlet.key {key}: {why}") from error
        except OSError as error:
            raise ConfigurationError(
                f"inlet.certificate: {error.filename or certificate}: can't be read: {error.strerror}"
            ) from error
        return self._context

    @property
    def latest(self) -> ssl.SSLContext:
        """The context by what was read last."""
        return self._context
