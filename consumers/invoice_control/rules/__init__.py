"""The rules of invoice control as docs/rules.md specifies them: pure functions of documents and facts."""
