"""What a person or another program sees of a trace.

Each reporter is one file and takes a loaded `Trace` and, where it speaks of bugs, its findings:
`table` (the interleaving), `text` (findings in sentences), `json` (the contract of docs/json.md),
`graph` (the happens-before graph; `slicing` picks its events, `folding` shortens them and `lanes`
places them). A reporter returns or yields text; only `graph` writes a file.
"""
