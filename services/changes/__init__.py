"""Changes of personal data 资料变更 after the submission (E8)."""
