"""How things are kept: tables, repositories, migrations, files, encryption. Imports nothing of ours."""
