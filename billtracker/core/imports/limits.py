"""How large a file that comes in may be."""

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 100
MAX_ROW_NUMBER = 200_000  # empty rows count here
MAX_CELL = 4_000  # characters; the longest notes we keep
MAX_UNZIPPED = 60 * 1024 * 1024
MAX_PARTS = 1_000
