"""Promotion: any notebook becomes an asset, with a diff that a reviewer understands and a proof that it runs."""
