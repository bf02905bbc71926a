"""`python -m assetbook`."""

from assetbook.standby.client import main

if __name__ == "__main__":
    main()
