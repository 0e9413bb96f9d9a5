"""What differs between two reports of an organ: two years, or two versions of one. Pure."""
