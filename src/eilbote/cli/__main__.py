"""``python -m eilbote.cli`` is the same as ``eilbote``."""

from eilbote.cli import main

if __name__ == "__main__":
    main()
