"""`python -m onesixty`: the command line."""

from onesixty.cli import main

if __name__ == "__main__":
    main()
