"""Commands that compute without a screen, and print or write what they find."""
