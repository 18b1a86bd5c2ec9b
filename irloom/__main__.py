"""`python -m irloom`: the command `irloom` where it is not on the path."""

from irloom.cli.main import main

if __name__ == "__main__":
    main()
