// note
CREATE (:A);
