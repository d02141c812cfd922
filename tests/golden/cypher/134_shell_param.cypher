// first
  :param a => 1