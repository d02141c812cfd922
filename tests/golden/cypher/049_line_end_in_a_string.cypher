RETURN 'a
;b
;c';
RETURN "
;
";
RETURN 3