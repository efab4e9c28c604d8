"""PPP uplinks, by pppd."""
