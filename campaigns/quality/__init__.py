"""Quality: calls are drawn, heard, scored, disputed and talked about with who took them."""
