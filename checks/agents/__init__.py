"""What the checks know about agents at their own endpoint, shared by several of them."""
