"""The bundled, dated list of built-in role definitions and the script that packs it."""
