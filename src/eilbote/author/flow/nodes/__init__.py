"""The kinds of nodes that come with eilbote, a file each."""
