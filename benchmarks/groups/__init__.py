"""What can be measured; each module has one subject."""
